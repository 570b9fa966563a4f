resource "terraform_data" "inner" { input = "in" }
resource "terraform_data" "renamed" { input = "module" }

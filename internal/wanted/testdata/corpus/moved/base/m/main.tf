resource "terraform_data" "inner" { input = "in" }

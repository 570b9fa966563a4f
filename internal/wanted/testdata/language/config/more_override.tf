resource "terraform_data" "exact_override" { input = terraform_data.two.id }

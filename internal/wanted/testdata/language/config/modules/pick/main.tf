variable "value" {}
resource "terraform_data" "sub" {
  input = var.value
}
output "value" { value = var.value }

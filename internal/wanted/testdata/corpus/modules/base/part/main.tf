variable "parent" {}
variable "size" {}
resource "terraform_data" "this" {
  input            = var.size
  triggers_replace = var.parent
}
output "id" { value = terraform_data.this.id }
output "size" { value = var.size }

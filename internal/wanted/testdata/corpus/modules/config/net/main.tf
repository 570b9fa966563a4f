variable "name" { type = string }
variable "sizes" {
  type    = list(number)
  default = [1]
}
resource "terraform_data" "this" { input = "net-${var.name}" }
module "part" {
  source = "../part"
  count  = length(var.sizes)
  parent = terraform_data.this.id
  size   = var.sizes[count.index]
}
output "id" { value = terraform_data.this.id }
output "whole" { value = terraform_data.this }
output "parts" { value = [for p in module.part : p.id] }
output "sizes" { value = { for i, p in module.part : "p${i}" => p.size } }

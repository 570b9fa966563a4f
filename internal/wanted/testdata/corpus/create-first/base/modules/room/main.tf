variable "size" {}
variable "doors" { default = {} }
locals {
  open = { for k, d in var.doors : k => d if d }
}
resource "terraform_data" "floor" { triggers_replace = var.size }
resource "terraform_data" "wall" { triggers_replace = var.size }
resource "terraform_data" "door" {
  for_each         = var.doors
  triggers_replace = terraform_data.floor.id
  lifecycle {
    create_before_destroy = true
  }
}
resource "terraform_data" "bell" {
  count = length(local.open) > 0 ? length({ a = var.size, b = "x" }) : 0
  input = count.index
}
output "floor" { value = terraform_data.floor.id }

locals {
  nets = { a = [1, 2], c = [5] }
}
module "net" {
  source   = "./net"
  for_each = local.nets
  name     = each.key
  sizes    = each.value
}
module "off" {
  source = "./net"
  count  = 0
  name   = "off"
}
module "single" {
  source = "./net"
  name   = module.net["a"].id
}
resource "terraform_data" "old_id" { input = module.net["a"].id }
resource "terraform_data" "new_id" { input = module.net["c"].whole.id }
resource "terraform_data" "parts" { input = module.net["a"].parts }
resource "terraform_data" "sizes" { input = module.net["a"].sizes }
resource "terraform_data" "all" { input = { for k, n in module.net : k => n.sizes } }
resource "terraform_data" "none" { input = length(module.off) }
output "ids" { value = { for k, n in module.net : k => n.id } }

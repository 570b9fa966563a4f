variable "settings" {
  type = map(object({
    cidr = string
    tgw  = optional(bool, false)
    opts = optional(object({ mtu = optional(number, 1500), name = optional(string) }), {})
  }))
  default = {
    a = { cidr = "10.0.0.0/16" }
    b = { cidr = "10.1.0.0/16", tgw = true, opts = { mtu = 9000 } }
  }
}
locals {
  raw = { x = { y = 1 } }
}
resource "terraform_data" "made" { input = "made" }
resource "terraform_data" "fallback" { input = try(local.raw.x.z, local.raw.nope, "fell") }
resource "terraform_data" "found" { input = try(local.raw.x.y, "fell") }
resource "terraform_data" "can" { input = [can(local.raw.x.y), can(local.raw.q.z), can(regex("^a", "b"))] }
resource "terraform_data" "defaults" { input = var.settings["a"] }
resource "terraform_data" "mtu" { input = { for k, v in var.settings : k => v.opts.mtu } }
resource "terraform_data" "attached" {
  for_each = { for k, v in var.settings : k => v if v.tgw }
  input    = each.value.cidr
}
resource "terraform_data" "real_attribute" { input = try(terraform_data.made.id, "fell") }
resource "terraform_data" "one" { input = one([for k, v in var.settings : v.cidr if v.tgw]) }

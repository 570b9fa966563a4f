# Each resource asks for one thing of the language; its name says what must come
# of it. Terraform 1.11.4 made plan.json (terraform show -json tfplan) and, after
# that plan was applied, applied.json (terraform show -json). Before it, the state
# held kept, moved_from, gone and an exact_attr with another triggers_replace.
terraform {
  required_version = ">= 1.4"
}

variable "names" {
  type    = list(string)
  default = ["a", "b", "c"]
}

variable "flag" {
  type    = bool
  default = true
}

locals {
  subnets = { for i, n in var.names : n => { vpc = i == 0 ? "app" : "shared", at = i } }
  ids     = { for k, r in terraform_data.each : k => r.id }
  first   = terraform_data.one.id
  nothing = null
}

resource "terraform_data" "one" {}

resource "terraform_data" "two" {}

resource "terraform_data" "kept" {}

resource "terraform_data" "many" {
  count = length(var.names)
}

resource "terraform_data" "each" {
  for_each = local.subnets
}

resource "terraform_data" "none" {
  count = var.flag ? 0 : 1
}

resource "terraform_data" "moved_to" {}

moved {
  from = terraform_data.moved_from
  to   = terraform_data.moved_to
}

module "net" {
  source   = "./modules/net"
  for_each = toset(["x", "y"])
  vpc      = { x = terraform_data.one.id, y = terraform_data.two.id }[each.key]
  members  = [terraform_data.one.id, terraform_data.two.id]
  options  = { primary = terraform_data.many[0].id }
}

module "counted" {
  source = "./modules/pick"
  count  = 2
  value  = terraform_data.many[count.index].id
}

module "chain" {
  source = "./modules/pick"
  value  = module.net["x"].vpc
}

module "none" {
  source = "./modules/none"
  value  = terraform_data.two.id
}

output "hub" {
  value = module.chain.value
}

resource "terraform_data" "items_splat" { input = terraform_data.many[*].id }
resource "terraform_data" "items_for" { input = [for k, s in local.subnets : terraform_data.each[k].id if s.vpc == "shared"] }
resource "terraform_data" "items_set" { input = toset([terraform_data.one.id, terraform_data.two.id, "known"]) }
resource "terraform_data" "items_set_dup" { input = toset([terraform_data.one.id, terraform_data.one.id]) }
resource "terraform_data" "items_mixed" { input = ["known", terraform_data.one.id, "5"] }
resource "terraform_data" "items_concat" { input = concat([terraform_data.two.id], terraform_data.many[*].id) }
resource "terraform_data" "items_flatten" { input = flatten([for k, s in local.subnets : [terraform_data.each[k].id]]) }
resource "terraform_data" "items_values" { input = values(local.ids) }
resource "terraform_data" "items_compact" { input = compact([terraform_data.one.id, "", null]) }
resource "terraform_data" "items_setunion" { input = setunion([terraform_data.one.id], [terraform_data.two.id]) }
resource "terraform_data" "items_conditional" { input = var.flag ? [terraform_data.one.id] : [] }
resource "terraform_data" "items_module_splat" { input = module.counted[*].value }
resource "terraform_data" "items_module_for" { input = [for k, m in module.net : m.made] }
resource "terraform_data" "items_module_set" { input = module.net["x"].members }
resource "terraform_data" "items_try" { input = try(terraform_data.many[*].id, []) }
resource "terraform_data" "items_coalescelist" { input = coalescelist([], terraform_data.many[*].id) }

locals {
  names   = ["a", "b", "c"]
  sizes   = { small = 1, large = 10, huge = 100 }
  nested  = [{ n = "x", v = [1, 2] }, { n = "y", v = [3] }]
  upper   = [for n in local.names : upper(n)]
  index   = { for i, n in local.names : n => i }
  few     = [for n in local.names : n if n != "b"]
  grouped = { for o in flatten([for p in local.nested : [for v in p.v : { n = p.n, v = v }]]) : o.n => o.v... }
  big     = { for k, v in local.sizes : k => v if v > 5 }
  cond    = length(local.names) > 2 ? "many" : "few"
  either  = false ? null : "taken"
}

resource "terraform_data" "made" {
  for_each = toset(local.names)
  input    = each.key
}

resource "terraform_data" "upper" { input = local.upper }
resource "terraform_data" "index" { input = local.index }
resource "terraform_data" "few" { input = local.few }
resource "terraform_data" "grouped" { input = local.grouped }
resource "terraform_data" "big" { input = local.big }
resource "terraform_data" "cond" { input = local.cond }
resource "terraform_data" "either" { input = local.either }
resource "terraform_data" "splat" { input = local.nested[*].n }
resource "terraform_data" "splat_deep" { input = local.nested[*].v[0] }
resource "terraform_data" "one_id" { input = terraform_data.made["a"].id }
resource "terraform_data" "ids" { input = [for k in local.names : terraform_data.made[k].id] }
resource "terraform_data" "id_map" { input = { for k, m in terraform_data.made : k => m.id } }
resource "terraform_data" "ids_count" { input = length([for m in terraform_data.made : m.id]) }
resource "terraform_data" "mixed" { input = concat(["x"], [terraform_data.made["b"].id]) }
resource "terraform_data" "made_input" { input = terraform_data.made["c"].input }
resource "terraform_data" "keys" { input = keys(terraform_data.made) }
resource "terraform_data" "text" { input = "id is ${terraform_data.made["a"].id}" }
resource "terraform_data" "not" { input = !(local.cond == "few") && 3 % 2 == 1 }
resource "terraform_data" "arithmetic" { input = (1 + 2) * 3 - 4 / 2 }
resource "terraform_data" "null" { input = null }
resource "terraform_data" "by_number" { input = local.names[length(local.names) - 1] }
resource "terraform_data" "path" { input = "${path.module}:${path.root}" }
resource "terraform_data" "workspace" { input = terraform.workspace }

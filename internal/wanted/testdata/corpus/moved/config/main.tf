resource "terraform_data" "new" { input = "a" }
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
resource "terraform_data" "keyed" {
  for_each = toset(["k", "zero", "one"])
  input    = "b"
}
moved {
  from = terraform_data.single
  to   = terraform_data.keyed["k"]
}
moved {
  from = terraform_data.counted[0]
  to   = terraform_data.keyed["zero"]
}
moved {
  from = terraform_data.counted[1]
  to   = terraform_data.keyed["one"]
}
resource "terraform_data" "every" {
  for_each = toset(["x", "y"])
  input    = each.key
}
moved {
  from = terraform_data.all
  to   = terraform_data.every
}
resource "terraform_data" "third" { input = "chain" }
moved {
  from = terraform_data.first
  to   = terraform_data.second
}
moved {
  from = terraform_data.second
  to   = terraform_data.third
}
module "after" {
  source = "./m"
}
moved {
  from = module.before
  to   = module.after
}
moved {
  from = terraform_data.into
  to   = module.after.terraform_data.renamed
}
module "many" {
  source   = "./m"
  for_each = toset(["p"])
}
moved {
  from = module.one
  to   = module.many["p"]
}
removed {
  from = terraform_data.forgotten
  lifecycle {
    destroy = false
  }
}
removed {
  from = terraform_data.destroyed
  lifecycle {
    destroy = true
  }
}
resource "terraform_data" "blocked_to" { input = "2" }
moved {
  from = terraform_data.blocked_from
  to   = terraform_data.blocked_to
}

resource "terraform_data" "ground" { triggers_replace = "2" }
resource "terraform_data" "sky" { triggers_replace = "2" }
module "room" {
  source   = "./modules/room"
  for_each = { big = { east = true, west = false }, small = {} }
  size     = "${terraform_data.ground.id != null}${each.key}2"
  doors    = each.value
}

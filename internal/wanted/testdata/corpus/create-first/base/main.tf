resource "terraform_data" "ground" { triggers_replace = "1" }
resource "terraform_data" "sky" { triggers_replace = "1" }
module "room" {
  source   = "./modules/room"
  for_each = { big = { east = true, west = false }, small = {} }
  size     = "${terraform_data.ground.id != null}${each.key}1"
  doors    = each.value
}

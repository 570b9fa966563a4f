module "net" {
  source   = "./net"
  for_each = toset(["a", "b"])
  name     = each.key
}

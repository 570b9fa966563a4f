data "terraform_remote_state" "other" {
  backend = "local"
  config = {
    path = "${path.module}/other.tfstate"
  }
}
data "terraform_remote_state" "not_in_state" {
  backend = "local"
  config = {
    path = "${path.module}/another.tfstate"
  }
}
resource "terraform_data" "reads" { input = data.terraform_remote_state.other.outputs.vpc_id }
resource "terraform_data" "each" {
  for_each = data.terraform_remote_state.other.outputs.subnets
  input    = each.value
}
resource "terraform_data" "unknown" { input = data.terraform_remote_state.not_in_state.outputs.vpc_id }

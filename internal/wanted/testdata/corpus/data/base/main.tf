data "terraform_remote_state" "other" {
  backend = "local"
  config = {
    path = "${path.module}/other.tfstate"
  }
}
resource "terraform_data" "reads" { input = data.terraform_remote_state.other.outputs.vpc_id }

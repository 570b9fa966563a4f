resource "terraform_data" "order_depends_on" { depends_on = [terraform_data.two, module.counted] }
resource "terraform_data" "order_for_each" {
  for_each = local.ids
}
resource "terraform_data" "order_module" { input = module.chain.value }
resource "terraform_data" "order_provisioner" {
  provisioner "local-exec" {
    when    = create
    command = ": ${terraform_data.kept.id}"
  }
}

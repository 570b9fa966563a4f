variable "v" { default = "2" }
resource "terraform_data" "root" { triggers_replace = var.v }
resource "terraform_data" "middle" { triggers_replace = terraform_data.root.id }
resource "terraform_data" "first" {
  triggers_replace = terraform_data.middle.id
  lifecycle {
    create_before_destroy = true
  }
}
resource "terraform_data" "beside" { triggers_replace = terraform_data.root.id }
resource "terraform_data" "alone" { triggers_replace = var.v }
resource "terraform_data" "trigger" { input = var.v }
resource "terraform_data" "by_resource" {
  input = "x"
  lifecycle {
    replace_triggered_by = [terraform_data.trigger]
  }
}
resource "terraform_data" "by_attribute" {
  input = "x"
  lifecycle {
    replace_triggered_by = [terraform_data.trigger.output]
  }
}
resource "terraform_data" "by_nothing" {
  input = "x"
  lifecycle {
    replace_triggered_by = [terraform_data.same, terraform_data.trigger.id]
  }
}
resource "terraform_data" "ignored" {
  input = var.v
  lifecycle {
    ignore_changes = [input]
  }
}
resource "terraform_data" "all_ignored" {
  input            = var.v
  triggers_replace = var.v
  lifecycle {
    ignore_changes = all
  }
}
resource "terraform_data" "part_ignored" {
  input            = var.v
  triggers_replace = "new"
  lifecycle {
    ignore_changes = [triggers_replace]
  }
}
resource "terraform_data" "dropped" {}
resource "terraform_data" "same" { input = { a = [1, "2", true, null] } }
resource "terraform_data" "counted" {
  count = 2
  input = count.index == 0 ? "0-1" : "1-${var.v}"
}
resource "terraform_data" "by_index" {
  count = 2
  input = "x"
  lifecycle {
    replace_triggered_by = [terraform_data.counted[count.index].input]
  }
}
resource "terraform_data" "tainted" { input = "x" }
resource "terraform_data" "reads_replaced" { input = terraform_data.root.id }
resource "terraform_data" "reads_updated" { input = terraform_data.trigger.id }
resource "terraform_data" "reads_output" { input = terraform_data.trigger.output }
resource "terraform_data" "ignored_till_replaced" {
  input            = var.v
  triggers_replace = var.v
  lifecycle {
    ignore_changes = [input]
  }
}
resource "terraform_data" "all_ignored_till_replaced" {
  input = var.v
  lifecycle {
    ignore_changes       = all
    replace_triggered_by = [terraform_data.trigger]
  }
}
resource "terraform_data" "ignored_and_tainted" {
  input = var.v
  lifecycle {
    ignore_changes = [input]
  }
}

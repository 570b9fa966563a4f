variable "plain" { default = "default" }
variable "env" { default = "default" }
variable "tfvars" { default = "default" }
variable "auto" { default = "default" }
variable "auto_json" { default = "default" }
variable "file" { default = "default" }
variable "flag" { default = "default" }
variable "flag_over_file" { default = "default" }
variable "file_over_flag" { default = "default" }
variable "auto_over_env" { default = "default" }
variable "number" {
  type    = number
  default = 1
}
variable "list" {
  type = list(string)
}
variable "object" {
  type = object({
    name  = string
    size  = optional(number, 3)
    extra = optional(string)
    tags  = optional(map(string), { made = "here" })
  })
}
variable "not_null" {
  default  = "kept"
  nullable = false
}
variable "null" {
  type    = string
  default = "gone"
}
variable "secret" {
  type      = string
  sensitive = true
}
variable "any" {
  type    = any
  default = {}
}
variable "set" {
  type    = set(string)
  default = ["b", "a", "b"]
}

resource "terraform_data" "plain" { input = var.plain }
resource "terraform_data" "env" { input = var.env }
resource "terraform_data" "tfvars" { input = var.tfvars }
resource "terraform_data" "auto" { input = var.auto }
resource "terraform_data" "auto_json" { input = var.auto_json }
resource "terraform_data" "file" { input = var.file }
resource "terraform_data" "flag" { input = var.flag }
resource "terraform_data" "flag_over_file" { input = var.flag_over_file }
resource "terraform_data" "file_over_flag" { input = var.file_over_flag }
resource "terraform_data" "auto_over_env" { input = var.auto_over_env }
resource "terraform_data" "number" { input = var.number + 1 }
resource "terraform_data" "list" {
  count = length(var.list)
  input = var.list[count.index]
}
resource "terraform_data" "object" { input = var.object }
resource "terraform_data" "not_null" { input = var.not_null }
resource "terraform_data" "null" { input = var.null == null ? "it is null" : "it is not" }
resource "terraform_data" "secret" { input = "x-${var.secret}" }
resource "terraform_data" "any" { input = var.any.deep[1].er }
resource "terraform_data" "set" {
  for_each = var.set
  input    = each.value
}

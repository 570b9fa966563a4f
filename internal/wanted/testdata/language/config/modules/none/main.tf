variable "value" { default = null }
output "value" { value = var.value }

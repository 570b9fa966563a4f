locals {
  names = ["a", "b"]
}
resource "terraform_data" "made" { input = "m" }
resource "terraform_data" "heredoc" {
  input = <<-EOT
    first ${local.names[0]}
      indented
    %{for n in local.names~}
    - ${n}
    %{endfor~}
    %{if length(local.names) > 1}many%{else}one%{endif}
    literal $${x} %%{y}
  EOT
}
resource "terraform_data" "plain_heredoc" {
  input = <<EOT
  kept ${upper("x")}
EOT
}
resource "terraform_data" "with_id" { input = "${terraform_data.made.id}-suffix" }
resource "terraform_data" "only_id" { input = "${terraform_data.made.id}" }
resource "terraform_data" "escapes" { input = "tab\t quote\" newline\n unicode\u00e9 $${a}" }
resource "terraform_data" "joined" { input = join("", [for i, n in local.names : "${i}=${n};"]) }

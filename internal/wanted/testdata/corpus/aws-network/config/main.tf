terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "vpcs" {
  type = map(object({
    cidr  = string
    zones = list(string)
    nat   = optional(bool, false)
  }))
  default = {
    shared = { cidr = "10.1.0.0/16", zones = ["us-east-1a", "us-east-1b"], nat = true }
    app    = { cidr = "10.2.0.0/16", zones = ["us-east-1a"] }
  }
}
locals {
  subnets = merge([for k, v in var.vpcs : { for i, z in v.zones : "${k}-${z}" => { vpc = k, zone = z, cidr = cidrsubnet(v.cidr, 8, i) } }]...)
  tags    = { Team = "net", Stage = "prod" }
}
provider "aws" {
  region = "us-east-1"

  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

  default_tags {
    tags = merge(local.tags, { Owner = "default" })
  }
}
provider "aws" {
  alias  = "west"
  region = "eu-west-1"

  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

}
resource "aws_vpc" "this" {
  for_each   = var.vpcs
  cidr_block = each.value.cidr
  tags       = { Name = each.key, Owner = each.key }
}
resource "aws_vpc" "west" {
  provider             = aws.west
  cidr_block           = "10.9.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_subnet" "this" {
  for_each          = local.subnets
  vpc_id            = aws_vpc.this[each.value.vpc].id
  cidr_block        = each.value.cidr
  availability_zone = each.value.zone
}
resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this["shared"].id
  tags   = { Name = "igw-${aws_vpc.this["shared"].id}" }
}
resource "aws_eip" "nat" {
  for_each = { for k, v in var.vpcs : k => v if v.nat }
  domain   = "vpc"
}
resource "aws_nat_gateway" "this" {
  for_each      = aws_eip.nat
  allocation_id = each.value.id
  subnet_id     = [for k, s in aws_subnet.this : s.id if local.subnets[k].vpc == each.key][0]
}
resource "aws_route_table" "this" {
  for_each = var.vpcs
  vpc_id   = aws_vpc.this[each.key].id
}
resource "aws_route" "out" {
  for_each               = aws_nat_gateway.this
  route_table_id         = aws_route_table.this[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = each.value.id
}
resource "aws_route_table_association" "this" {
  for_each       = local.subnets
  subnet_id      = aws_subnet.this[each.key].id
  route_table_id = aws_route_table.this[each.value.vpc].id
}
resource "aws_ec2_transit_gateway" "hub" {
  amazon_side_asn                 = "64513"
  default_route_table_association = "disable"
}
resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  for_each           = var.vpcs
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  vpc_id             = aws_vpc.this[each.key].id
  subnet_ids         = [for k, s in aws_subnet.this : s.id if local.subnets[k].vpc == each.key]
}
resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.this["app"].id
  dynamic "ingress" {
    for_each = [80, 443]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
    description = "out"
  }
}
resource "aws_security_group" "by_id" {
  name   = "by-id"
  vpc_id = aws_vpc.this["app"].id
  dynamic "ingress" {
    for_each = toset(["a"])
    iterator = it
    content {
      from_port       = 22
      to_port         = 22
      protocol        = "tcp"
      security_groups = [aws_security_group.web.id]
      description     = it.key
    }
  }
}
resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.web.id
  cidr_ipv4         = "192.168.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}
resource "aws_security_group_rule" "all" {
  security_group_id        = aws_security_group.web.id
  type                     = "egress"
  protocol                 = "all"
  from_port                = 0
  to_port                  = 0
  source_security_group_id = aws_security_group.by_id.id
}
resource "aws_ec2_managed_prefix_list" "corp" {
  name           = "corp"
  address_family = "IPv4"
  max_entries    = 5
  dynamic "entry" {
    for_each = { a = "10.0.0.0/8", b = "172.16.0.0/12" }
    content {
      cidr        = entry.value
      description = entry.key
    }
  }
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this["app"].id
  service_name      = "com.amazonaws.us-east-1.s3"
  route_table_ids   = [for k in ["app", "shared"] : aws_route_table.this[k].id]
}
resource "aws_network_acl" "app" {
  vpc_id     = aws_vpc.this["app"].id
  subnet_ids = [for k, s in local.subnets : aws_subnet.this[k].id if s.vpc == "app"]
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.0.0.0/8"
    from_port  = 0
    to_port    = 65535
  }
}
output "vpcs" { value = { for k, v in aws_vpc.this : k => v.id } }

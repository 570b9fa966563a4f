terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"

  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

  default_tags {
    tags = { Team = "net" }
  }
}

resource "aws_vpc" "stays" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "stays" }
}
resource "aws_vpc" "retagged" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "new" }
}
resource "aws_vpc" "replaced" {
  cidr_block = "10.20.0.0/16"
  tags       = { New = "x" }
  lifecycle {
    ignore_changes = [tags_all]
  }
}
resource "aws_vpc" "drifts" {
  cidr_block = "10.4.0.0/16"
  tags       = { Name = "x", Other = "b" }
  lifecycle {
    ignore_changes = [tags["Name"]]
  }
}
resource "aws_subnet" "kept" {
  vpc_id     = aws_vpc.stays.id
  cidr_block = cidrsubnet(aws_vpc.stays.cidr_block, 8, 1)
}
resource "aws_subnet" "follows" {
  vpc_id     = aws_vpc.replaced.id
  cidr_block = "10.20.1.0/24"
}
resource "aws_route_table" "of_retagged" {
  vpc_id = aws_vpc.retagged.id
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.stays.id
}
resource "aws_route_table_association" "moves" {
  subnet_id      = aws_subnet.kept.id
  route_table_id = aws_route_table.private.id
}
resource "aws_route_table" "private" {
  vpc_id = aws_vpc.stays.id
}
resource "aws_internet_gateway" "gw" {
  vpc_id = aws_vpc.stays.id
}
resource "aws_route_table" "inline" {
  vpc_id = aws_vpc.stays.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.gw.id
  }
  route {
    cidr_block = "10.97.0.0/16"
    gateway_id = aws_internet_gateway.gw.id
  }
}
resource "aws_ec2_transit_gateway" "hub" {}
resource "aws_route" "retargeted" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "10.99.0.0/16"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}
resource "aws_route" "redirected" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "10.96.0.0/16"
  gateway_id             = aws_internet_gateway.gw.id
}
resource "aws_security_group" "described" {
  name        = "described"
  description = "new"
  vpc_id      = aws_vpc.stays.id
  lifecycle {
    create_before_destroy = true
  }
}
resource "aws_security_group" "ruled" {
  name   = "ruled"
  vpc_id = aws_vpc.stays.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  ingress {
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_security_group.described.id]
  }
}
resource "aws_security_group" "unchanged" {
  name   = "unchanged"
  vpc_id = aws_vpc.stays.id
  dynamic "ingress" {
    for_each = toset([80, 443])
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}
resource "aws_vpc_security_group_ingress_rule" "widened" {
  security_group_id = aws_security_group.unchanged.id
  cidr_ipv4         = "192.168.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}
resource "aws_vpc_dhcp_options" "dns" {
  domain_name_servers = ["10.0.0.2", "AmazonProvidedDNS"]
}
resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.stays.id
  cidr_block = "10.0.7.0/24"
}

resource "terraform_data" "cidr" {
  input = [cidrsubnet("10.0.0.0/16", 8, 3), cidrhost("10.0.0.0/24", 5), cidrnetmask("10.0.0.0/20"), cidrsubnets("10.0.0.0/16", 4, 4, 8)]
}

resource "terraform_data" "strings" {
  input = [join("-", ["a", "b"]), split(",", "a,b"), replace("abc", "b", "x"), replace("a1b22", "/[0-9]+/", "#"), substr("hello", 1, 3), title("a b"), trim("xax", "x"), trimprefix("ab", "a"), trimsuffix("ab", "b"), trimspace(" a "), lower("A"), format("%s-%03d", "a", 7), indent(2, "a\nb"), chomp("a\n"), strrev("abc")]
}

resource "terraform_data" "tests" {
  input = [startswith("abc", "a"), endswith("abc", "c"), strcontains("abc", "b"), contains(["a"], "a"), alltrue([true, true]), anytrue([false]), can(tonumber("x"))]
}

resource "terraform_data" "collections" {
  input = [merge({ a = 1 }, { b = 2 }), zipmap(["a"], [1]), lookup({ a = 1 }, "b", 2), element(["a", "b"], 3), index(["a", "b"], "b"), slice(["a", "b", "c"], 1, 3), distinct(["a", "a"]), compact(["a", ""]), flatten([["a"], ["b"]]), reverse(["a", "b"]), sort(["b", "a"]), range(3), chunklist(["a", "b", "c"], 2), setproduct(["a"], ["b", "c"]), coalesce("", "b"), coalescelist([], ["a"]), concat(["a"], ["b"]), one(["a"]), sum([1, 2.5]), max(1, 2), min(1, 2), keys({ b = 1, a = 2 }), values({ b = 1, a = 2 })]
}

resource "terraform_data" "sets" {
  input = [toset(["b", "a"]), setunion(["a"], ["b"]), setintersection(["a", "b"], ["b"]), setsubtract(["a", "b"], ["b"])]
}

resource "terraform_data" "encoding" {
  input = [jsonencode({ a = [1, true, null] }), jsondecode("{\"a\":[1]}"), base64encode("hi"), base64decode("aGk="), urlencode("a b"), md5("x"), sha1("x"), sha256("x"), csvdecode("a,b\n1,2"), parseint("ff", 16), formatdate("YYYY", "2026-01-02T03:04:05Z"), timeadd("2026-01-02T03:04:05Z", "1h")]
}

resource "terraform_data" "numbers" {
  input = [abs(-1), ceil(1.2), floor(1.8), log(8, 2), pow(2, 3), signum(-2), tonumber("5"), tostring(5), tobool("true")]
}

resource "terraform_data" "types" {
  input = [tolist(["a"]), tomap({ a = "b" }), regex("[a-z]+", "12ab"), regexall("[a-z]", "a1b")]
}

resource "terraform_data" "paths" {
  input = [basename("a/b"), dirname("a/b"), fileexists("${path.module}/note.txt"), file("${path.module}/note.txt")]
}

resource "terraform_data" "not_had" {
  input = [uuidv5("dns", "example.com"), fileset(path.module, "*.txt")]
}

resource "terraform_data" "yaml" {
  input = [yamldecode(file("${path.module}/nets.yaml")), yamlencode({ a = [1, true], b = "x" })]
}

resource "terraform_data" "from_yaml" {
  for_each = { for n in yamldecode(file("${path.module}/nets.yaml")).nets : n.name => n }
  input    = cidrsubnet(each.value.cidr, 8, 1)
}

resource "terraform_data" "digests" {
  input = [sha512("x"), base64sha256("x"), base64sha512("x"), filemd5("${path.module}/note.txt"), filesha1("${path.module}/note.txt"), filebase64sha256("${path.module}/note.txt"), filebase64("${path.module}/note.txt")]
}

resource "terraform_data" "template_file" {
  input = templatefile("${path.module}/note.tftpl", { names = ["a", "b"], on = true })
}

resource "terraform_data" "turned" {
  input = [transpose({ a = ["x", "y"], b = ["y"] }), matchkeys(["i-1", "i-2"], ["a", "b"], ["b"]), timecmp("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")]
}

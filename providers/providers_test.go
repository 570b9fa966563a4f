package providers

import "testing"

func TestStatusOfWhatWasNotReadIsNeverRead(t *testing.T) {
	here, there := Place{"1", "us-east-1"}, Place{"1", "eu-west-1"}
	inv := Inventory{Coverage: []Coverage{{Type: "aws_vpc", Place: here, Status: Read}, {Type: "aws_subnet", Place: here, Status: Denied}}}
	for _, c := range []struct {
		typ  string
		at   Place
		want Status
	}{
		{"aws_vpc", here, Read},
		{"aws_vpc", there, NotRead},
		{"aws_subnet", here, Denied},
		{"aws_route", here, NotRead},
		{"aws_vpc", Place{Region: "us-east-1"}, NotRead},
	} {
		if got := inv.Status(c.typ, c.at); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.typ, c.at, got, c.want)
		}
	}
}

func TestSortGivesOneOrder(t *testing.T) {
	east, west := Place{"1", "us-east-1"}, Place{"1", "us-west-2"}
	inv := Inventory{
		Objects:  []Object{{Type: "b", ID: "1", Place: east}, {Type: "a", ID: "2", Place: west}, {Type: "a", ID: "2", Place: east}, {Type: "a", ID: "1", Place: west}},
		Coverage: []Coverage{{Type: "b", Place: east}, {Type: "a", Place: west}, {Type: "a", Place: east}},
	}
	inv.Sort()
	got := ""
	for _, o := range inv.Objects {
		got += o.Type + o.ID + o.Place.Region + " "
	}
	for _, c := range inv.Coverage {
		got += c.Type + c.Place.Region + " "
	}
	if want := "a2us-east-1 a1us-west-2 a2us-west-2 b1us-east-1 aus-east-1 aus-west-2 bus-east-1 "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWordsForAPerson(t *testing.T) {
	for got, want := range map[string]string{
		Place{}.String():                 "?/?",
		Place{"1", "us-east-1"}.String(): "1/us-east-1",
		Principal{ARN: "arn:aws:iam::1:role/ci", Session: "run-7"}.String():                           "role/ci (session run-7)",
		Principal{ARN: "arn:aws:iam::1:root"}.String():                                                "root",
		Principal{ARN: "arn:aws:iam::1:user/ann", InvokedBy: "cloudformation.amazonaws.com"}.String(): "user/ann by way of cloudformation.amazonaws.com",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if (Place{Account: "1"}).Known() || !(Place{"1", "r"}).Known() {
		t.Error("a place is known only with both account and region")
	}
}

package ec2test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"reconcile/providers"
)

// Answer adds documents to what a call answers: "DescribeVpcs" or
// "ram:GetResourceShares", and where the call is about one parent, that
// parent's id, which must be there already. It is Put for those who know the
// call and not where the world keeps its answer.
func (w *World) Answer(at providers.Place, action, parent string, docs ...any) error {
	l, err := called(action)
	if err != nil {
		return err
	}
	if l.parent == "" {
		return w.Put(at, l.list(), docs...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	list := slices.Clone(w.documents[at][l.parent])
	i := slices.IndexFunc(list, func(e *entry) bool { return text(e.doc[ofList(l.parent).id]) == parent })
	if i < 0 {
		return fmt.Errorf("%s has no %q of %s", at, parent, l.parent)
	}
	doc := maps.Clone(list[i].doc)
	for n, d := range docs {
		child, err := normal(d)
		if err != nil {
			return fmt.Errorf("document %d of %s: %w", n+1, action, err)
		}
		key := l.under(l.key)
		if l.also != "" && strings.Contains(text(child["Cidr"]), ":") { // the two lists are of the two families
			key = l.under(l.also)
		}
		held, _ := doc[key].([]any)
		doc[key] = append(slices.Clone(held), child)
	}
	list[i] = newEntry(doc)
	w.documents[at][l.parent] = list
	return nil
}

// Withdraw removes everything that a call answers; parents stay.
func (w *World) Withdraw(at providers.Place, action string) error {
	l, err := called(action)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if l.parent == "" {
		delete(w.documents[at], l.list())
		return nil
	}
	list := slices.Clone(w.documents[at][l.parent])
	if len(list) == 0 {
		return nil
	}
	for i, e := range list {
		doc := maps.Clone(e.doc)
		for _, key := range l.keys() {
			delete(doc, l.under(key))
		}
		list[i] = newEntry(doc)
	}
	w.documents[at][l.parent] = list
	return nil
}

// called finds a call by the name that Actions gives it; "ec2:" may be there.
func called(name string) (listing, error) {
	service, action, both := strings.Cut(name, ":")
	if !both {
		service, action = "", name
	}
	l, ok := findListing(strings.TrimPrefix(service, "ec2"), action)
	if !ok || l.action == "DescribeTags" {
		return listing{}, fmt.Errorf("%s answers nothing that can be put", name)
	}
	return l, nil
}

// inAccount are an account's documents of all regions.
func (w *World) inAccount(account, key string) []*entry {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var places []providers.Place
	for at := range w.documents {
		if at.Account == account {
			places = append(places, at)
		}
	}
	slices.SortFunc(places, providers.Place.Compare)
	var out []*entry
	for _, at := range places {
		out = append(out, w.documents[at][key]...)
	}
	return out
}

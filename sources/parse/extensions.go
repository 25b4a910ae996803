package parse

import (
	ext "github.com/mmcdole/gofeed/extensions"
)

// values are the texts of an extension's elements, in order, without the empty.
func values(e ext.Extensions, prefix, name string) []string {
	var texts []string
	for _, x := range e[prefix][name] {
		if x.Value != "" {
			texts = append(texts, x.Value)
		}
	}
	return texts
}

// value is the first text of an extension's elements.
func value(e ext.Extensions, prefix, name string) string {
	for _, x := range e[prefix][name] {
		if x.Value != "" {
			return x.Value
		}
	}
	return ""
}

// attribute is the first value of an attribute of an extension's elements.
func attribute(e ext.Extensions, prefix, name, attr string) string {
	for _, x := range e[prefix][name] {
		if v := x.Attrs[attr]; v != "" {
			return v
		}
	}
	return ""
}

// child is the first text among an element's children of that name.
func child(x ext.Extension, name string) string {
	for _, c := range x.Children[name] {
		if c.Value != "" {
			return c.Value
		}
	}
	return ""
}

// attributesOf are the values of an attribute of an extension's elements, in order.
func attributesOf(e ext.Extensions, prefix, name, attr string) []string {
	var values []string
	for _, x := range e[prefix][name] {
		values = append(values, x.Attrs[attr])
	}
	return values
}

package parse

import (
	"regexp"
	"slices"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/internal/names"
)

var (
	mailbox    = regexp.MustCompile(`[^\s<>()\[\],;:"@]+@[^\s<>()\[\],;:"@]+\.[^\s<>()\[\],;:"@.]+`)
	by         = regexp.MustCompile(`^[Bb][Yy][: ]\s*`) // a byline is no part of the name
	emptyPairs = regexp.MustCompile(`<\s*>|\(\s*\)|\[\s*\]`)
)

// separator stands between the people on one line.
var separator = regexp.MustCompile(`\s*[,;]\s*`)

// persons reads the people on a line. Of several addresses each has a person: what stands between two separators without an
// address belongs to the name in the address that follows, as in "Lee, Ann <ann@harbour.example>". Names without addresses
// are told apart by package names.
func persons(s string) []newswire.Person {
	switch strings.Count(s, "@") {
	case 0:
		var people []newswire.Person
		for _, name := range names.On(by.ReplaceAllString(plain(s), "")) {
			people = append(people, person(name))
		}
		return people
	case 1:
		return []newswire.Person{person(s)}
	}
	var people []newswire.Person
	name := ""
	for _, piece := range separator.Split(line(s), -1) {
		name += piece
		if !mailbox.MatchString(piece) {
			name += ", "
			continue
		}
		people = append(people, person(name))
		name = ""
	}
	return append(people, person(strings.TrimSuffix(name, ", ")))
}

// person reads one person from a line: "Name <mail>", "mail (Name)", "Name (mail)", a name or an address alone, HTML
// or not. A person whose address alone is known has it as the name.
func person(s string) newswire.Person {
	return named(mailboxOrName(s))
}

func mailboxOrName(s string) (name, email string) {
	s = by.ReplaceAllString(strings.ReplaceAll(line(s), "mailto:", ""), "")
	at := mailbox.FindStringIndex(s)
	if at == nil {
		return plain(s), ""
	}
	email = s[at[0]:at[1]]
	name = emptyPairs.ReplaceAllString(s[:at[0]]+s[at[1]:], " ")
	name = plain(strings.Trim(strings.TrimSpace(name), `"'`))
	if strings.HasPrefix(name, "(") && strings.HasSuffix(name, ")") {
		name = strings.TrimSpace(name[1 : len(name)-1])
	}
	return strings.Trim(name, ` "',;`), email
}

// named is a person of that name and address.
func named(name, email string) newswire.Person {
	if isFiller(email) {
		email = ""
	}
	if name == "" {
		name = email
	}
	return newswire.Person{Name: name, Email: email}
}

// isFiller recognises addresses that platforms fill in for want of one.
func isFiller(email string) bool {
	local, _, _ := strings.Cut(strings.ToLower(email), "@")
	return slices.Contains([]string{"noreply", "no-reply", "donotreply", "do-not-reply", "nobody"}, local)
}

// mailAddress is the address if it is one.
func mailAddress(s string) string {
	s = strings.TrimPrefix(strings.TrimSpace(s), "mailto:")
	if at := mailbox.FindStringIndex(s); at == nil || at[0] != 0 || at[1] != len(s) || len(s) > maxLine {
		return ""
	}
	return s
}

// maxPeople bounds the people of one item or feed.
const maxPeople = 100

// bounded are the first lines that may have people: more than these are no longer looked at.
func bounded(lines []string) []string { return lines[:min(len(lines), maxPeople)] }

// join adds people to a list, without the nameless. A person that is there already, by name or by address, only gains
// what was not known.
func join(people []newswire.Person, more ...newswire.Person) []newswire.Person {
	for _, p := range more {
		if p.Name == "" {
			continue
		}
		i := slices.IndexFunc(people, func(q newswire.Person) bool {
			return strings.EqualFold(p.Name, q.Name) || p.Email != "" && strings.EqualFold(p.Email, q.Email)
		})
		if i < 0 {
			if len(people) < maxPeople {
				people = append(people, p)
			}
			continue
		}
		q := &people[i]
		if q.Name == q.Email {
			q.Name = p.Name
		}
		if q.Email == "" {
			q.Email = p.Email
		}
		if q.URL == "" {
			q.URL = p.URL
		}
	}
	return people
}

// severally makes several people of one whose name is those of several. What else is known is known of none of them alone.
func severally(p newswire.Person) []newswire.Person {
	all := names.On(p.Name)
	if len(all) == 1 {
		return []newswire.Person{p}
	}
	people := make([]newswire.Person, len(all))
	for i, name := range all {
		people[i].Name = name
	}
	return people
}

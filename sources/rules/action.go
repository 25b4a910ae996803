package rules

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/newswire/newswire"
)

// Kind is what an action does.
type Kind string

// The kinds of action. Of drop, hold and publish the last that applies to an article counts.
const (
	Drop        Kind = "drop"         // it is stored, and listed nowhere
	Hold        Kind = "hold"         // it waits for the operator's review
	Publish     Kind = "publish"      // it is published, although it looks injected or an earlier rule holds it
	Category    Kind = "category"     // it is in the category
	NotCategory Kind = "not-category" // it is not
	Language    Kind = "language"     // it is in the language
)

// Action is one thing that a rule does.
type Action struct {
	Kind Kind
	Of   string // a category's ID or a language tag; empty for the others
}

// parseAction reads an action as the operator wrote it.
func parseAction(text string) (Action, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		words = []string{""}
	}
	a := Action{Kind: Kind(words[0])}
	switch a.Kind {
	case Drop, Hold, Publish:
		if len(words) == 1 {
			return a, nil
		}
	case Category, NotCategory:
		if len(words) == 2 {
			a.Of = words[1]
			return a, nil
		}
		return a, fmt.Errorf("do: want the ID of a category after %s", a.Kind)
	case Language:
		if len(words) != 2 {
			return a, fmt.Errorf("do: want a language tag after language, such as zh-Hant")
		}
		tag, err := language.Parse(words[1])
		if err != nil {
			return a, fmt.Errorf("do: %q is not a language tag such as en or zh-Hant", words[1])
		}
		a.Of = tag.String()
		return a, nil
	}
	return a, fmt.Errorf("do: %q is none of drop, hold, publish, category ID, not-category ID and language TAG", text)
}

// apply does to an article what the rule says, and records it.
func (r *Rule) apply(a *newswire.Article) {
	if a.Ruled == nil {
		a.Ruled = &newswire.Ruled{}
	}
	when := []rune(r.When)
	a.Ruled.Rules = append(a.Ruled.Rules, newswire.AppliedRule{
		Name: r.Name, Line: r.Line, When: string(when[:min(len(when), kept)]), Do: slices.Clone(r.Do),
	})
	for _, action := range r.actions {
		action.apply(a)
	}
}

func (k Action) apply(a *newswire.Article) {
	switch k.Kind {
	case Drop:
		setHeld(a, newswire.DroppedByRule)
	case Hold:
		if a.Held == "" || a.Held == newswire.DroppedByRule {
			setHeld(a, newswire.HeldByRule)
		}
	case Publish:
		setHeld(a, "")
	case Category:
		if i, in := slices.BinarySearch(a.Categories, k.Of); !in {
			a.Categories = slices.Insert(a.Categories, i, k.Of)
		}
	case NotCategory:
		a.Categories = slices.DeleteFunc(a.Categories, func(id string) bool { return id == k.Of })
	case Language:
		if a.Ruled.Language == nil {
			before := a.Language
			a.Ruled.Language = &before
		}
		a.Language = k.Of
	}
}

// setHeld holds an article, or does not, and remembers what was there before all rules.
func setHeld(a *newswire.Article, why string) {
	if a.Ruled.Held == nil {
		before := a.Held
		a.Ruled.Held = &before
	}
	a.Held = why
}

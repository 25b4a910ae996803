package sources

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/rules"
)

// elsewhere are the settings that are in no digest, with the reason.
var elsewhere = map[string]string{
	"ID":        "another ID is another source",
	"URL":       "State.Configured and State.URL are compared with it; of its site see TestAnArticlesIDFollowsWhatIsKnownOfItsGuid",
	"Schedule":  "it says when, and State.Schedule is compared with it",
	"Pinned":    "it says when",
	"Retention": "State.Kept is compared with it",
}

// TestASettingThatIsChangedCounts changes each setting of a source in turn, and looks for it in the digests. So a new one is
// either in a digest or listed above.
func TestASettingThatIsChangedCounts(t *testing.T) {
	in := map[string]string{ // the digests, in the order of their fields: classify, read, offer
		"Name": "classify read", "Site": "classify read", "Timezone": "read", "Page": "read offer", "FullText": "read offer",
		"Categories": "classify", "Block": "read offer", "Rights": "classify", "NoCredit": "classify", "Withdrawals": "read",
	}
	plain := newswire.Source{ID: "a", URL: "https://a.example/feed", Schedule: "@hourly"}
	before := digestsOf(&plain, newCommon(nil, nil, nil))
	for i := range reflect.TypeFor[newswire.Source]().NumField() {
		name, changed := reflect.TypeFor[newswire.Source]().Field(i).Name, plain
		field := reflect.ValueOf(&changed).Elem().Field(i)
		change(t, name, field)
		got, after := "", digestsOf(&changed, newCommon(nil, nil, nil))
		for j := range reflect.TypeOf(after).NumField() {
			if reflect.ValueOf(after).Field(j).String() != reflect.ValueOf(before).Field(j).String() {
				if got != "" {
					got += " "
				}
				got += reflect.TypeOf(after).Field(j).Name
			}
		}
		switch {
		case got == "" && elsewhere[name] == "":
			t.Errorf("%s is in no digest, and not listed as one that need not be", name)
		case got != in[name]:
			t.Errorf("%s is in the digests %q, want %q", name, got, in[name])
		}
	}
}

// change gives a setting a value that it did not have.
func change(t *testing.T, name string, field reflect.Value) {
	t.Helper()
	switch field.Interface().(type) {
	case *time.Location:
		field.Set(reflect.ValueOf(time.FixedZone("Nowhere/City", 3600)))
		return
	case newswire.Trust:
		field.SetString(string(newswire.TrustNone))
		return
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(field.String() + "changed")
	case reflect.Bool:
		field.SetBool(!field.Bool())
	case reflect.Slice:
		field.Set(reflect.Append(field, reflect.New(field.Type().Elem()).Elem()))
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
	case reflect.Struct:
		change(t, name, field.Field(0))
	case reflect.Int64, reflect.Int:
		field.SetInt(field.Int() + 1)
	default:
		t.Fatalf("%s: the test knows no other %v", name, field.Type())
	}
}

// TestEverySettingOfAPageCounts does the same for the selectors of a page.
func TestEverySettingOfAPageCounts(t *testing.T) {
	plain := newswire.Source{ID: "a", Page: &newswire.Page{}}
	before := digestsOf(&plain, newCommon(nil, nil, nil))
	for i := range reflect.TypeFor[newswire.Page]().NumField() {
		var page newswire.Page
		name := reflect.TypeFor[newswire.Page]().Field(i).Name
		change(t, name, reflect.ValueOf(&page).Elem().Field(i))
		after := digestsOf(&newswire.Source{ID: "a", Page: &page}, newCommon(nil, nil, nil))
		if after.read == before.read || after.offer == before.offer {
			t.Errorf("Page.%s is not in the digests of what is read and offered", name)
		}
	}
}

// TestTheCostOfASourceDoesNotGrow counts what is allocated for each source of a catalog, all at sites of their own.
func TestTheCostOfASourceDoesNotGrow(t *testing.T) {
	cost := func(n int) float64 {
		list := make([]newswire.Source, n)
		for i := range list {
			list[i] = newswire.Source{ID: fmt.Sprintf("s%d", i), URL: fmt.Sprintf("https://s%d.example/feed", i), Schedule: "@hourly"}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c, err := NewCatalog(list, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.WithRules(rules.NewSet(nil)).list {
			c.list[i].digests()
		}
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
	}
	cost(10)
	if few, many := cost(1500), cost(12_000); many > 1.3*few {
		t.Errorf("a source of 12,000 costs %.0f bytes, one of 1,500 %.0f", many, few)
	}
}

// TestALongListOfSitesIsInTheDigests has a site more among many.
func TestALongListOfSitesIsInTheDigests(t *testing.T) {
	homes := make([]string, 2*manyCommon)
	for i := range homes {
		homes[i] = fmt.Sprintf("s%d.example", i)
	}
	s := &newswire.Source{ID: "a"}
	before := digestsOf(s, newCommon(nil, nil, homes)).classify
	if before == digestsOf(s, newCommon(nil, nil, append(homes, "new.example"))).classify {
		t.Error("a site more makes no difference")
	}
	if before != digestsOf(s, newCommon(nil, nil, homes)).classify {
		t.Error("the same sites make a difference")
	}
}

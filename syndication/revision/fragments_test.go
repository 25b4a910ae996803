package revision_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/revision"
)

// Nothing that an article says may be left out of what is compared, or a reader would be told what was once so.
func TestEveryFieldOfAnArticleCounts(t *testing.T) {
	whole := feedtest.Rich()
	seen := map[revision.Digest]string{revision.DigestOf(&whole): "the whole"}
	var walk func(v reflect.Value, name string)
	note := func(name string) {
		p := revision.DigestOf(&whole)
		if before, ok := seen[p]; ok {
			t.Errorf("another %s is taken for the same as %s", name, before)
		}
		seen[p] = name
	}
	walk = func(v reflect.Value, name string) {
		before := reflect.New(v.Type()).Elem()
		before.Set(v)
		switch v.Kind() {
		case reflect.String:
			v.SetString(v.String() + "x")
			note(name)
		case reflect.Bool:
			v.SetBool(!v.Bool())
			note(name)
		case reflect.Int, reflect.Int64:
			v.SetInt(v.Int() + 1)
			note(name)
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			note(name)
			walk(v.Elem(), name)
		case reflect.Slice:
			v.Set(reflect.Append(reflect.MakeSlice(v.Type(), 0, 1), reflect.Zero(v.Type().Elem())))
			note(name)
			walk(v.Index(0), name)
		case reflect.Struct:
			if t, ok := v.Interface().(time.Time); ok {
				v.Set(reflect.ValueOf(t.Add(time.Nanosecond)))
				note(name)
				break
			}
			for i := range v.NumField() {
				walk(v.Field(i), name+"."+v.Type().Field(i).Name)
			}
		}
		v.Set(before)
	}
	walk(reflect.ValueOf(&whole).Elem(), "Article")
}

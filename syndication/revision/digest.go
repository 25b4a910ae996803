package revision

import (
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"strconv"
	"time"

	"github.com/newswire/newswire"
)

// digest tells articles apart by everything that they say, as it was before their rights were applied.
type digest [sha256.Size]byte

// digester makes digests. It goes by reflection, so that a field that the vocabulary gains tomorrow is not forgotten.
type digester struct{ buf []byte }

func (d *digester) digest(a *newswire.Article) digest {
	d.buf = d.buf[:0]
	d.write(reflect.ValueOf(a).Elem())
	return sha256.Sum256(d.buf)
}

// write appends a value so that no two different values of a type are written alike: what varies in length says how long
// it is.
func (d *digester) write(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		d.buf = binary.AppendUvarint(d.buf, uint64(v.Len()))
		d.buf = append(d.buf, v.String()...)
	case reflect.Bool:
		d.buf = strconv.AppendBool(d.buf, v.Bool())
	case reflect.Int, reflect.Int64:
		d.buf = binary.AppendVarint(d.buf, v.Int())
	case reflect.Pointer:
		d.buf = strconv.AppendBool(d.buf, v.IsNil())
		if !v.IsNil() {
			d.write(v.Elem())
		}
	case reflect.Slice:
		d.buf = binary.AppendUvarint(d.buf, uint64(v.Len()))
		for i := range v.Len() {
			d.write(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == instant {
			t := v.Addr().Interface().(*time.Time)
			d.buf = binary.AppendVarint(d.buf, t.Unix())
			d.buf = binary.AppendVarint(d.buf, int64(t.Nanosecond()))
			return
		}
		for i := range v.NumField() {
			d.write(v.Field(i))
		}
	default:
		panic("revision: an article has a field of kind " + v.Kind().String())
	}
}

var instant = reflect.TypeFor[time.Time]()

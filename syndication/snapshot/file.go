package snapshot

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

// A file is a line with the form's name and the SHA-256 of all that follows, a line of JSON, and the body.
const form = "newswire-snapshot-1 "

// temporary begins the names of files that are being written.
const temporary = ".writing-"

// cursorFile is the file with the cursor.
const cursorFile = "cursor"

// header is the line of JSON.
type header struct {
	Site      string    `json:"site"`
	MediaType string    `json:"media_type"`
	Fields    []Field   `json:"fields"`
	Changed   time.Time `json:"changed"`
	Articles  []uint64  `json:"articles"`
	Until     time.Time `json:"until,omitzero"`
}

// Hash is how a document names an article, by its ID.
func Hash(article string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(article)) // never fails
	return h.Sum64()
}

// path is a file's. Topics and names have no commas in them, and nothing else that file systems mind.
func (f *Folder) path(k Key) string {
	return filepath.Join(f.dir, strings.ReplaceAll(string(k.Topic), "/", ",")+","+k.Name)
}

// parseName reads a file's name.
func parseName(base string) (Key, bool) {
	i := strings.LastIndexByte(base, ',')
	if i < 0 {
		return Key{}, false
	}
	topic, err := newswire.ParseTopic(strings.Replace(base[:i], ",", "/", 1))
	return Key{topic, base[i+1:]}, err == nil && base[i+1:] != ""
}

func encode(d *Document) []byte {
	head, err := json.Marshal(header{d.Site, d.MediaType, d.Fields, d.Changed, d.Articles, d.Until})
	if err != nil {
		panic("snapshot: a header of strings and numbers does not marshal: " + err.Error())
	}
	start := len(form) + 2*sha256.Size + 1
	data := make([]byte, start, start+len(head)+1+len(d.Body))
	data = append(append(append(data, head...), '\n'), d.Body...)
	sum := sha256.Sum256(data[start:])
	copy(data, form+hex.EncodeToString(sum[:])+"\n")
	return data
}

// decode reads a file. Its time is not in it.
func decode(data []byte) (*Document, error) {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	sum := sha256.Sum256(rest)
	if string(first) != form+hex.EncodeToString(sum[:]) {
		return nil, fmt.Errorf("%w: its checksum is another", ErrDamaged)
	}
	head, body, _ := bytes.Cut(rest, []byte("\n"))
	var h header
	if err := json.Unmarshal(head, &h); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return &Document{
		Site: h.Site, MediaType: h.MediaType, Fields: h.Fields, Changed: h.Changed, Articles: h.Articles, Until: h.Until, Body: body,
	}, nil
}

// readArticles reads what articles a file shows, and not its body.
func readArticles(path string) ([]uint64, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	r := bufio.NewReader(in)
	if _, err := r.ReadSlice('\n'); err != nil {
		return nil, err
	}
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var h header
	err = json.Unmarshal(line, &h)
	return h.Articles, err
}

// replace replaces a file as a whole, or not at all. The bytes are on the disk before the name is, so that a power cut
// makes no empty file.
func (f *Folder) replace(path string, data []byte, modified time.Time) (err error) {
	if err := os.MkdirAll(f.dir, 0o755); err != nil { // the operator may have removed the folder
		return err
	}
	out, err := os.CreateTemp(f.dir, temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(out.Name()) // the error that counts is the first
		}
	}()
	if err := f.write(out, data); err != nil {
		_ = out.Close() // likewise
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	if err := os.Chtimes(out.Name(), modified, modified); err != nil {
		return err
	}
	return os.Rename(out.Name(), path)
}

func writeSynced(f *os.File, data []byte) error {
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

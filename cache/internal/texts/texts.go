// Package texts makes articles short for the stores: as JSON, compressed with a dictionary of their source (RFC 8878). A
// dictionary has two parts. The one is the same for all sources, and stands in this package ([fixed]). The other is what a
// source's publisher says of itself ([Frame]), which each of its articles repeats. Neither has a word of an article in it, so that
// nothing of an article is left when that is withdrawn.
//
// What is stored names its dictionary by a digest of it. Articles of a newswire that did not compress them are read as they are.
package texts

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/json"
)

// fixed is the part of dictionaries that all sources share, written by hand: words and phrases that are frequent in some languages,
// how addresses and HTML are written, and last, where it costs least, the JSON of an article. Stored articles need it as it is. A better one
// is another one, beside it, under another edition.
//
//go:embed fixed.txt
var fixed []byte

const (
	// edition tells dictionaries with this fixed part from others.
	edition = "1"

	// mostFrame bounds what a dictionary has of a publisher, in bytes.
	mostFrame = 4 << 10

	// mostRatio bounds how many times as long as it is stored an article is, so that a damaged one cannot claim more memory than
	// that. One that would be shorter is not compressed.
	mostRatio = 1000
)

// Frame is the part of a dictionary that is a source's own, as an article of it shows it.
func Frame(a *newswire.Article) ([]byte, error) {
	publisher := a.Publisher
	publisher.Updated = time.Time{}
	frame, err := encode(new(bytes.Buffer), &newswire.Article{
		Source: a.Source, Language: publisher.Language, Publisher: publisher,
		Rights: newswire.Rights{Policy: a.Rights.Policy, Statement: publisher.Rights},
	})
	return frame[:min(len(frame), mostFrame)], err
}

// encode is an article as JSON. It lasts until the buffer is used again.
func encode(body *bytes.Buffer, a *newswire.Article) ([]byte, error) {
	body.Reset()
	err := json.Write(body, a)
	return body.Bytes(), err
}

// Number is the number of the dictionary that has a frame. It is in no range that others use (RFC 8878 §6), and never 0.
func Number(frame []byte) uint32 {
	sum := sha256.New()
	sum.Write([]byte(edition))
	sum.Write(frame)
	return binary.LittleEndian.Uint32(sum.Sum(nil))&^(1<<31) | 1<<15
}

// dictionary is a dictionary with its number.
type dictionary struct {
	number  uint32
	content []byte // the fixed part, then the frame
}

// has says whether the dictionary is that of a frame.
func (d *dictionary) has(frame []byte) bool {
	return bytes.Equal(d.content[len(fixed):], frame)
}

// set makes it that of a frame.
func (d *dictionary) set(frame []byte) {
	if d.content == nil {
		d.content = bytes.Clone(fixed)
	}
	d.number, d.content = Number(frame), append(d.content[:len(fixed)], frame...)
}

// Length is how long a stored article is as JSON; what a damaged one says is bounded.
func Length(stored []byte) int {
	var h zstd.Header
	if err := h.Decode(stored); err != nil || !h.HasFCS {
		return len(stored)
	}
	return int(min(h.FrameContentSize, uint64(len(stored))*mostRatio))
}

// NumberOf is the number of the dictionary that a stored article needs; 0 for none.
func NumberOf(stored []byte) uint32 {
	var h zstd.Header
	if err := h.Decode(stored); err != nil {
		return 0
	}
	return h.DictionaryID
}

// Codec encodes articles and decodes them. The zero value is ready, and may be used by many goroutines.
type Codec struct {
	encoders, decoders sync.Pool
}

// encoder is an encoder with the dictionary that it has at the moment, and memory for a text.
type encoder struct {
	*zstd.Encoder
	dictionary
	text bytes.Buffer
}

// maxText bounds the memory for a text that an encoder or a decoder keeps.
const maxText = 256 << 10

// Encode is an article as it is stored beside a frame.
func (c *Codec) Encode(a *newswire.Article, frame []byte) ([]byte, error) {
	e, err := c.encoder(frame)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e.text.Cap() <= maxText {
			c.encoders.Put(e)
		}
	}()
	text, err := encode(&e.text, a)
	if err != nil {
		return nil, err
	}
	stored := e.EncodeAll(text, make([]byte, 0, len(text)/2))
	if n := len(stored); n >= len(text) || n*mostRatio < len(text) {
		return bytes.Clone(text), nil
	}
	return stored, nil
}

func (c *Codec) encoder(frame []byte) (*encoder, error) {
	e, _ := c.encoders.Get().(*encoder)
	if e != nil && e.has(frame) {
		return e, nil
	}
	if e == nil {
		e = new(encoder)
	}
	e.set(frame)
	option := zstd.WithEncoderDictRaw(e.number, e.content)
	if e.Encoder != nil {
		return e, e.ResetWithOptions(nil, option)
	}
	var err error
	// The quickest level: the others copy tables of a megabyte for each article.
	e.Encoder, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithSingleSegment(true), option)
	return e, err
}

// decoder is a decoder with the dictionary that it has at the moment, and memory for a text.
type decoder struct {
	*zstd.Decoder
	dictionary
	text []byte
}

// Errors of what is damaged.
var (
	errLength = errors.New("its length is not believed")
	errFrame  = errors.New("the store lacks the dictionary of its source that it was compressed with")
)

// Decode is the article that is stored so beside a frame. An article that is not compressed needs none.
func (c *Codec) Decode(stored, frame []byte) (a newswire.Article, err error) {
	if len(stored) > 0 && stored[0] == '{' {
		return a, json.Unmarshal(stored, &a)
	}
	var h zstd.Header
	if err := h.Decode(stored); err != nil {
		return a, fmt.Errorf("it is neither JSON nor compressed: %w", err)
	}
	if !h.HasFCS || h.FrameContentSize > uint64(len(stored))*mostRatio {
		return a, errLength
	}
	d, err := c.decoder(frame)
	if err != nil {
		return a, err
	}
	defer func() {
		if cap(d.text) <= maxText {
			c.decoders.Put(d)
		}
	}()
	if h.DictionaryID != d.number {
		return a, errFrame
	}
	if uint64(cap(d.text)) < h.FrameContentSize {
		d.text = make([]byte, 0, h.FrameContentSize)
	}
	text, err := d.DecodeAll(stored, d.text[:0])
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(text, &a)
}

func (c *Codec) decoder(frame []byte) (*decoder, error) {
	d, _ := c.decoders.Get().(*decoder)
	if d != nil && d.has(frame) {
		return d, nil
	}
	if d == nil {
		d = new(decoder)
	}
	d.set(frame)
	option := zstd.WithDecoderDictRaw(d.number, d.content)
	if d.Decoder != nil {
		return d, d.ResetWithOptions(nil, zstd.WithDecoderDictDelete(), option)
	}
	var err error
	d.Decoder, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true), option)
	return d, err
}

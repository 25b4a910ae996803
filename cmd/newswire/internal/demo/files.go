package demo

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"math"
)

// Size of every picture, in pixels.
const (
	pictureWidth  = 320
	pictureHeight = 180
)

// draw makes a picture out of its name: a sky, a sea, and between them a horizon at a height of its own.
func draw(name string) []byte {
	h := fnv.New32a()
	h.Write([]byte(name))
	seed := h.Sum32()
	horizon := pictureHeight/3 + int(seed%uint32(pictureHeight/3))

	img := image.NewRGBA(image.Rect(0, 0, pictureWidth, pictureHeight))
	for y := range pictureHeight {
		c := color.RGBA{R: uint8(140 + y/2), G: uint8(160 + seed>>8%48), B: uint8(220 - y/3), A: 255}
		if y > horizon {
			c = color.RGBA{R: uint8(20 + seed>>16%64), G: uint8(60 + y/3), B: uint8(90 + seed>>24%64), A: 255}
		}
		for x := range pictureWidth {
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic("demo: encode a picture into memory: " + err.Error())
	}
	return b.Bytes()
}

// tone makes a recording: seconds of a bell at a pitch in hertz, dying away; WAVE, 8 bits, 8000 samples a second.
func tone(hertz float64, seconds int) []byte {
	const rate = 8000
	n := rate * seconds
	b := []byte("RIFF")
	b = binary.LittleEndian.AppendUint32(b, uint32(36+n))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)   // length of the format
	b = binary.LittleEndian.AppendUint16(b, 1)    // PCM
	b = binary.LittleEndian.AppendUint16(b, 1)    // channels
	b = binary.LittleEndian.AppendUint32(b, rate) // samples a second
	b = binary.LittleEndian.AppendUint32(b, rate) // bytes a second
	b = binary.LittleEndian.AppendUint16(b, 1)    // bytes a sample
	b = binary.LittleEndian.AppendUint16(b, 8)    // bits a sample
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	for i := range n {
		t := float64(i) / rate
		b = append(b, uint8(128+100*math.Exp(-2*t)*math.Sin(2*math.Pi*hertz*t)))
	}
	return b
}

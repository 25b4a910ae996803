package fetch

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"golang.org/x/net/http2"
)

// sent is what a server sends, by a function that writes it.
func sent(write func(f *http2.Framer)) []byte {
	var b bytes.Buffer
	f := http2.NewFramer(&b, nil)
	f.AllowIllegalWrites = true
	write(f)
	return b.Bytes()
}

// guarded is what the guard lets through of what a server sends.
func guarded(in []byte) ([]byte, error) {
	f := &frames{in: bufio.NewReaderSize(iotest.HalfReader(bytes.NewReader(in)), 16)}
	return io.ReadAll(iotest.OneByteReader(f))
}

func TestTheGuardLetsThroughWhatMatters(t *testing.T) {
	kept := func(f *http2.Framer) {
		_ = f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte("block")})
		_ = f.WriteContinuation(1, true, []byte("more"))
		_ = f.WriteData(1, false, bytes.Repeat([]byte("data"), 1000))
		_ = f.WriteDataPadded(1, true, []byte("data"), make([]byte, 3))
		_ = f.WritePing(false, [8]byte{})
		_ = f.WriteRSTStream(1, http2.ErrCodeNo)
		_ = f.WriteGoAway(1, http2.ErrCodeNo, nil)
	}
	dropped := func(f *http2.Framer) {
		_ = f.WriteWindowUpdate(1, 1<<31-1)
		_ = f.WritePriority(1, http2.PriorityParam{StreamDep: 3})
		_ = f.WriteRawFrame(0xfe, 0, 1, make([]byte, 100))
	}
	got, err := guarded(sent(func(f *http2.Framer) { dropped(f); kept(f); dropped(f); kept(f) }))
	if want := sent(func(f *http2.Framer) { kept(f); kept(f) }); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes (%v), want %d: what is no use to us is left out, and nothing else", len(got), err, len(want))
	}
}

func TestTheGuardHasEnoughOfFramesThatHoldNothing(t *testing.T) {
	if _, err := guarded(sent(func(f *http2.Framer) {
		for range maxEmpty {
			_ = f.WriteData(1, false, []byte("x"))
		}
		for range maxEmpty {
			_ = f.WritePing(false, [8]byte{})
		}
	})); err != nil {
		t.Errorf("as many as may be: %v", err)
	}
	for name, write := range map[string]func(f *http2.Framer){
		"PING":           func(f *http2.Framer) { _ = f.WritePing(false, [8]byte{}) },
		"WINDOW_UPDATE":  func(f *http2.Framer) { _ = f.WriteWindowUpdate(0, 1) },
		"DATA":           func(f *http2.Framer) { _ = f.WriteData(1, false, nil) },
		"padded DATA":    func(f *http2.Framer) { _ = f.WriteDataPadded(1, false, nil, make([]byte, 9)) },
		"an unknown one": func(f *http2.Framer) { _ = f.WriteRawFrame(0xfe, 0, 0, nil) },
	} {
		_, err := guarded(sent(func(f *http2.Framer) {
			for range maxEmpty + 1 {
				write(f)
			}
		}))
		if !errors.Is(err, errFrames) {
			t.Errorf("one %s too many: %v, want %v", name, err, errFrames)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(sent(func(f *http2.Framer) {
		_ = f.WriteSettings()
		_ = f.WriteWindowUpdate(0, 1)
		_ = f.WriteData(1, true, []byte("x"))
	}))
	f.Add([]byte{0, 0, 200, 8, 0, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := guarded(in)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, errFrames) {
			t.Fatal(err)
		}
		var want []byte // frame by frame
		for rest := in; len(rest) >= frameHeader; {
			size := frameHeader + int(binary.BigEndian.Uint32(rest)>>8)
			if isOurs(http2.FrameType(rest[3])) {
				want = append(want, rest[:min(size, len(rest))]...)
			}
			rest = rest[min(size, len(rest)):]
		}
		if !errors.Is(err, errFrames) && !bytes.Equal(got, want) {
			t.Errorf("of %x the guard makes %x, want %x", in, got, want)
		}
	})
}

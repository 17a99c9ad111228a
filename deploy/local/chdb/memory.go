package chdb

import (
	"runtime"
	"unsafe"
)

// packed holds parameters as the parallel C arrays that the engine takes, pinned until the call is over.
type packed struct {
	pin                                      runtime.Pinner
	names, nameLengths, values, valueLengths []uintptr
}

func packParams(params []Param) *packed {
	p := &packed{}
	for _, x := range params {
		p.names, p.nameLengths = p.add(p.names, x.Name), append(p.nameLengths, uintptr(len(x.Name)))
		p.values, p.valueLengths = p.add(p.values, x.Value), append(p.valueLengths, uintptr(len(x.Value)))
	}
	return p
}

func (p *packed) add(list []uintptr, s string) []uintptr {
	b := append([]byte(s), 0)
	p.pin.Pin(&b[0])
	return append(list, uintptr(unsafe.Pointer(&b[0])))
}

func first(list []uintptr) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(list)) }

func text(s string) unsafe.Pointer { return unsafe.Pointer(unsafe.StringData(s)) }

// textError turns the engine's error text, a C string or nil, into an error.
func textError(p unsafe.Pointer) error {
	if p == nil {
		return nil
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return &Error{string(unsafe.Slice((*byte)(p), n))}
}

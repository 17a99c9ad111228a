package local

import (
	"fmt"
	"net"
)

// loopback checks that an address, named by its flag, is on this machine only. Without a host it is on 127.0.0.1.
func loopback(addr, flag string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("address %q (%s): %w", addr, flag, err)
	}
	if host == "" {
		return net.JoinHostPort("127.0.0.1", port), nil
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", fmt.Errorf("address %q (%s): embedded servers listen on 127.0.0.1 only", addr, flag)
	}
	return addr, nil
}

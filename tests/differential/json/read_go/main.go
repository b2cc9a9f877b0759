// What Go's encoding/json reads: frames (length, whether it is read by lines, bytes) on stdin, a line with a JSON list of texts for each on stdout.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
)

// Members of a server's request, which Go matches without regard to case.
type message struct {
	ID      interface{} `json:"id,omitempty"`
	Jsonrpc interface{} `json:"jsonrpc,omitempty"`
	Method  interface{} `json:"method,omitempty"`
	Params  interface{} `json:"params,omitempty"`
	Result  interface{} `json:"result,omitempty"`
	Error   interface{} `json:"error,omitempty"`
}

func values(data []byte, found []string) []string {
	typed := json.NewDecoder(bytes.NewReader(data))
	for {
		var one message
		if typed.Decode(&one) != nil {
			break
		}
		text, _ := json.Marshal(one)
		found = append(found, string(text))
	}
	plain := json.NewDecoder(bytes.NewReader(data))
	for {
		var one interface{}
		if plain.Decode(&one) != nil {
			break
		}
		text, _ := json.Marshal(one)
		found = append(found, string(text))
	}
	return found
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		var size uint32
		if binary.Read(in, binary.LittleEndian, &size) != nil {
			return
		}
		lines, _ := in.ReadByte()
		data := make([]byte, size)
		if _, err := io.ReadFull(in, data); err != nil {
			return
		}
		found := values(data, []string{})
		for _, line := range bytes.Split(data, []byte("\n")) {
			if lines != 0 && len(line) != 0 && len(line)+1 < len(data) {
				found = values(line, found)
			}
		}
		text, _ := json.Marshal(found)
		out.Write(text)
		out.WriteByte('\n')
	}
}

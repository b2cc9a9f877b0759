// Go's net/http on a loopback port: a line of JSON for each request that it takes.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	err := http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		line, _ := json.Marshal(map[string]string{"host": r.Host, "body": string(body)})
		fmt.Println(string(line))
	}))
	fmt.Fprintln(os.Stderr, err)
}

// What pgx sends; see ../drivers_check.py.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

func parameters(fields []string) []any {
	var result []any
	for _, field := range fields {
		if number, err := strconv.Atoi(field); err == nil {
			result = append(result, number)
		} else {
			result = append(result, field)
		}
	}
	return result
}

// A statement, its rows read to the end if it has any.
func one(ctx context.Context, conn *pgx.Conn, sql string, args []any) error {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	return rows.Err()
}

func many(ctx context.Context, conn *pgx.Conn, sql string, count int) error {
	batch := &pgx.Batch{}
	for key := 0; key < count; key++ {
		batch.Queue(sql, 100000+key, fmt.Sprintf("name %d", key), key)
	}
	return conn.SendBatch(ctx, batch).Close()
}

func main() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if fields[0] == "one" {
			err = one(ctx, conn, fields[1], parameters(fields[2:]))
		} else {
			count, _ := strconv.Atoi(fields[2])
			err = many(ctx, conn, fields[1], count)
		}
		if err != nil {
			fmt.Println("error: " + strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok")
		}
	}
}

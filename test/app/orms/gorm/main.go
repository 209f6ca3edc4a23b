// GORM on the tables of ../../orms_check.py.  The server comes from PGHOST and
// so on.  Each line is a step and, after a tab, its outcome.  With "sync" as a
// second argument it has GORM make the tables as it wants them.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
)

type Author struct {
	ID    uint
	Name  string
	Born  *string `gorm:"type:date"`
	Books []Book
}

type Book struct {
	ID       uint
	AuthorID uint
	Title    string
	Genre    string `gorm:"default:novel"`
	Price    *float64
}

var errUndo = errors.New("undo")

func step(name string, work func() (any, error)) {
	outcome, err := work()
	if err != nil {
		fmt.Fprintln(os.Stderr, name, err)
		fmt.Printf("%s\terror %s\n", name, state(err))
		return
	}
	text, _ := json.Marshal(outcome)
	fmt.Printf("%s\t%s\n", name, text)
}

func state(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	if err == nil {
		return "none"
	}
	return err.Error()
}

func main() {
	// an empty string: pgx reads the environment
	db, err := gorm.Open(postgres.New(postgres.Config{DSN: ""}), &gorm.Config{
		Logger: logger.Default.LogMode(logger.Silent)})
	if err != nil {
		panic(err)
	}
	if len(os.Args) > 2 && os.Args[2] == "sync" {
		step("sync", func() (any, error) {
			return nil, db.AutoMigrate(&Author{}, &Book{})
		})
		return
	}
	step("create with what belongs to it", func() (any, error) {
		price := 10.0
		ada := Author{Name: "Ada", Books: []Book{{Title: "One", Price: &price},
			{Title: "Two", Genre: "essay"}}}
		result := db.Create(&ada)
		return []any{ada.ID > 0, len(ada.Books), ada.Books[0].Genre},
			result.Error
	})
	step("preload", func() (any, error) {
		var authors []Author
		result := db.Preload("Books", func(db *gorm.DB) *gorm.DB {
			return db.Order("title")
		}).Find(&authors)
		var titles []string
		for _, book := range authors[0].Books {
			titles = append(titles, book.Title+" "+book.Genre)
		}
		return titles, result.Error
	})
	step("joins, scanned", func() (any, error) {
		var rows []struct {
			Title string
			Name  string
		}
		result := db.Table("books").Select("title, name").Joins(
			"JOIN authors ON authors.id = author_id").Order("title").Scan(&rows)
		return rows, result.Error
	})
	step("upsert in batches", func() (any, error) {
		born := "1815-12-10"
		authors := []Author{{Name: "Ada", Born: &born}, {Name: "Bo"}, {Name: "Cy"}}
		result := db.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "name"}},
			DoUpdates: clause.AssignmentColumns([]string{"born"}),
		}).CreateInBatches(&authors, 2)
		return result.RowsAffected, result.Error
	})
	step("updates, their rows", func() (any, error) {
		result := db.Model(&Book{}).Where("title LIKE ?", "T%").Updates(
			map[string]any{"price": gorm.Expr("coalesce(price, 0) + ?", 3)})
		return result.RowsAffected, result.Error
	})
	step("transaction, nested and rolled back", func() (any, error) {
		err := db.Transaction(func(tx *gorm.DB) error {
			if err := tx.Create(&Author{Name: "Di"}).Error; err != nil {
				return err
			}
			inner := tx.Transaction(func(tx *gorm.DB) error {
				tx.Where("true").Delete(&Book{})
				return errUndo
			})
			if inner != errUndo {
				return inner
			}
			return nil
		})
		var authors, books int64
		db.Model(&Author{}).Count(&authors)
		db.Model(&Book{}).Count(&books)
		return []int64{authors, books}, err
	})
	step("first or create", func() (any, error) {
		var author Author
		result := db.FirstOrCreate(&author, Author{Name: "Ada"})
		return []any{author.Name, result.RowsAffected}, result.Error
	})
	step("unique violation", func() (any, error) {
		return state(db.Create(&Author{Name: "Ada"}).Error), nil
	})
	step("delete", func() (any, error) {
		result := db.Where("true").Delete(&Book{})
		return result.RowsAffected, result.Error
	})
}

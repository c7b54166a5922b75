#!/usr/bin/env dotnet
#:project ../src/Idempotency.PostgreSql/Idempotency.PostgreSql.csproj
#:property PublishAot=false

// Prints the SQL that makes the table of the PostgreSQL store, for those who migrate by hand:
//
//   dotnet run eng/postgresql-schema.cs [schema] [table]
using Idempotency;

var options = new PostgreSqlStoreOptions();
options.Schema = args.ElementAtOrDefault(0) ?? options.Schema;
options.Table = args.ElementAtOrDefault(1) ?? options.Table;
Console.WriteLine(PostgreSqlStore.CreateScript(options));

namespace WebApi;

/// <summary>What can be said on the command line.</summary>
public static class Usage
{
    /// <summary>As it is printed.</summary>
    public const string Text = """
        Usage:
          dotnet run --project samples/WebApi                     serve on http://127.0.0.1:5080, and HTTP/2 on port 5081
          dotnet run --project samples/WebApi -- --store redis    remember in a store: memory, file, redis or postgres

        Options, each followed by its value:
          --store          the store; memory, which belongs to one process, when absent
          --at             the store's server, or the folder for file. Without it:
                             redis       localhost:6379
                             postgres    Host=localhost;Username=postgres;Database=postgres
                             file        a new folder for temporary files
          --port           where the page is and HTTP/1.1 is spoken; 5080
          --http2-port     where HTTP/2 is spoken; 5081. 0 is any free port
          --ledger         the file of the ledger, which processes may share; a new one
          --takes          seconds until the money is taken, long enough to cut the connection; 1.5
          --answers-after  seconds from there until the answer; 0
          --lease          seconds that others wait after a process has died; 3
          --on-crash       retry: they carry the charge out again (the default); hold: they say that nobody knows

        Exit code: 0 when it was stopped, 2 when it cannot start.
        """;
}

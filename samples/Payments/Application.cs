using System.Globalization;
using Idempotency;

namespace Payments;

/// <summary>Delivers a file of webhook events twice, once guarded and once not, and compares what was charged.</summary>
public static class Application
{
    private const int Success = 0;
    private const int ChargesAreWrong = 1;
    private const int CannotStart = 2;

    private const string Usage = """
        Usage:
          dotnet run --project samples/Payments                           deliver the file that comes with the sample
          dotnet run --project samples/Payments -- my.jsonl               deliver your own file, one event a line
          dotnet run --project samples/Payments -- --store redis          deliver from two processes at once, which share a store:
                                                                          redis, postgres, dynamo or file (memory cannot be shared)
          dotnet run --project samples/Payments -- --store redis --at redis.example.com:6379
                                                                          the same with a server, or a folder, of yours
          dotnet run --project samples/Payments -- --generate my.jsonl    write the sample's file again

        Without --at it is:
          redis       localhost:6379
          postgres    Host=localhost;Username=postgres;Database=postgres
          dynamo      http://localhost:8000
          file        the folder for temporary files

        Exit code: 0 when every charge was made once, 1 when one is missing or doubled, 2 when the file cannot be read or written,
        no line of it is a delivery, or the store cannot be used.
        """;

    private static string ShippedFile => Path.Combine(AppContext.BaseDirectory, "deliveries.jsonl");

    /// <summary>Runs the sample.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            switch (args)
            {
                case ["--help" or "-h"]:
                    await output.WriteLineAsync(Usage);
                    return Success;

                case [DeliveryProcess.Option, var number, var run, var folder, .. var rest]: // a child of TwoProcesses
                    await DeliverAsChildAsync(int.Parse(number, CultureInfo.InvariantCulture), run, new LedgerFolder(folder), Arguments.Parse(rest)!);
                    return Success;

                case ["--generate", var path]:
                    DeliveryFile.Write(path, DeliveryGenerator.Generate());
                    return Success;

                default:
                    if (Arguments.Parse(args) is { } arguments && (arguments.Address is null || arguments.IsShared))
                        return await DeliverAsync(arguments, output, error);

                    await error.WriteLineAsync(Usage);
                    return CannotStart;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or IdempotencyException or ArgumentException { ParamName: "path" })
        {
            await error.WriteLineAsync($"Error: {failure.Message}");
            return CannotStart;
        }
    }

    private static async Task<int> DeliverAsync(Arguments arguments, TextWriter output, TextWriter error)
    {
        var path = arguments.File ?? ShippedFile;
        var malformed = 0;
        var deliveries = DeliveryFile.Read(path, onMalformed: (line, reason) =>
        {
            malformed++;
            error.WriteLine($"{path}, line {line}: {reason}");
        });
        if (deliveries.Count == 0)
        {
            await output.WriteLineAsync(malformed == 0 ? "Nothing to deliver: the file is empty." : "Nothing to deliver: no line is a delivery.");
            return malformed == 0 ? Success : CannotStart;
        }

        if (arguments.Store == "memory")
            await output.WriteLineAsync("A memory store belongs to one process and cannot be shared, so one process delivers.");

        var ledgers = LedgerFolder.Create();
        var (guarded, unguarded) = arguments.IsShared
            ? await TwoProcesses.DeliverAsync(arguments, ledgers, output)
            : await DeliverAloneAsync(deliveries, ledgers);
        guarded = guarded with { Charges = Ledger.Read(ledgers.Guarded) };
        unguarded = unguarded with { Charges = Ledger.Read(ledgers.Unguarded) };

        await output.WriteLineAsync(ReportTable.Of(arguments.IsShared ? deliveries.Count * 2 : deliveries.Count, guarded, unguarded));
        await output.WriteLineAsync($"Ledgers: {ledgers.Path}");
        if (malformed > 0)
            await output.WriteLineAsync($"Left out: {malformed} lines that are not deliveries.");

        var problems = LedgerCheck.FindProblems(deliveries, guarded.Charges);
        foreach (var problem in problems)
        {
            await error.WriteLineAsync($"Wrong: {problem}");
        }

        await output.WriteLineAsync(problems.Count == 0
            ? "Checked: every charge in the deliveries was made once."
            : $"Checked: {problems.Count} wrong.");
        return problems.Count == 0 ? Success : ChargesAreWrong;
    }

    private static async Task<(DeliveryRun Guarded, DeliveryRun Unguarded)> DeliverAloneAsync(IReadOnlyList<Delivery> deliveries, LedgerFolder ledgers)
    {
        var guarded = await DeliveryRun.GuardedAsync(
            deliveries,
            new Ledger(ledgers.Guarded),
            store => store.UseMemoryStore(memory => memory.Capacity = deliveries.Count)); // never more charges than deliveries
        return (guarded, await DeliveryRun.UnguardedAsync(deliveries, new Ledger(ledgers.Unguarded)));
    }

    private static Task DeliverAsChildAsync(int number, string run, LedgerFolder ledgers, Arguments arguments) =>
        DeliveryProcess.RunAsync(
            number,
            SharedStore.Find(arguments, run)!,
            ledgers,
            DeliveryFile.Read(arguments.File ?? ShippedFile, onMalformed: static (_, _) => { })); // the parent has told
}

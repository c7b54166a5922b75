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
          dotnet run --project samples/Payments -- --generate my.jsonl    write the sample's file again

        Exit code: 0 when every charge was made once, 1 when one is missing or doubled, 2 when the file cannot be read or written
        or no line of it is a delivery.
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
                case []:
                    return await DeliverAsync(ShippedFile, output, error);

                case ["--help" or "-h"]:
                    await output.WriteLineAsync(Usage);
                    return Success;

                case ["--generate", var path]:
                    DeliveryFile.Write(path, DeliveryGenerator.Generate());
                    return Success;

                case [var path] when !path.StartsWith('-'):
                    return await DeliverAsync(path, output, error);

                default:
                    await error.WriteLineAsync(Usage);
                    return CannotStart;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException { ParamName: "path" })
        {
            await error.WriteLineAsync($"Error: {failure.Message}");
            return CannotStart;
        }
    }

    private static async Task<int> DeliverAsync(string path, TextWriter output, TextWriter error)
    {
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

        var folder = Directory.CreateTempSubdirectory("payments-").FullName;

        var guarded = await DeliveryRun.GuardedAsync(deliveries, Path.Combine(folder, "guarded.jsonl"));
        var unguarded = await DeliveryRun.UnguardedAsync(deliveries, Path.Combine(folder, "unguarded.jsonl"));

        await output.WriteLineAsync(ReportTable.Of(deliveries.Count, guarded, unguarded));
        await output.WriteLineAsync($"Ledgers: {folder}");
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
}

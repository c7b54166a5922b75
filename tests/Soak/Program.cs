using Idempotency.Soak;

if (args is [Children.Command, var work])
{
    await Children.WorkAsync(Workload.Parse(work));
    return 0;
}

return await SoakCommand.RunAsync(args);

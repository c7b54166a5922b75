using WebApi;

return await Application.RunAsync(args, Console.Out, Console.Error);

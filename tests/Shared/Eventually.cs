namespace Gateway.TestSupport;

/// <summary>Waits with a deadline that only ends hangs (<see cref="Patience"/>), and a message.</summary>
internal static class Eventually
{
    /// <param name="seconds">What is expected on a quiet machine.</param>
    public static Task TrueAsync(string what, Func<bool> condition, double seconds = 15) => TrueAsync(() => what, condition, seconds);

    /// <param name="what">Made only when the wait was in vain, so that it can show what is there instead.</param>
    public static async Task TrueAsync(Func<string> what, Func<bool> condition, double seconds = 15)
    {
        var patience = new Patience(seconds);
        while (!condition())
        {
            if (patience.IsOver()) Assert.Fail($"Waited in vain, {seconds} s were expected: {what()}.");
            await Task.Delay(10);
        }
    }

    /// <summary>For a test whose steps all run on its own thread; the condition may take one.</summary>
    public static void True(string what, Func<bool> condition, double seconds = 10)
    {
        var patience = new Patience(seconds);
        while (!condition())
        {
            if (patience.IsOver()) Assert.Fail($"Waited in vain, {seconds} s were expected: {what}.");
            Thread.Sleep(1);
        }
    }

    /// <summary>The first value that is not null.</summary>
    public static Task<T> SomeAsync<T>(string what, Func<T?> find, double seconds = 15) where T : class => SomeAsync(() => what, find, seconds);

    public static async Task<T> SomeAsync<T>(Func<string> what, Func<T?> find, double seconds = 15) where T : class
    {
        T? found = null;
        await TrueAsync(what, () => (found = find()) is not null, seconds);
        return found!;
    }
}

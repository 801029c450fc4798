using System.Runtime.CompilerServices;

namespace Gateway.Timing;

/// <summary>A task's end as data, for whoever has something to do however it ended: the task is asked then, and thrown on by awaiting it.</summary>
internal static class TaskEnd
{
    /// <summary>Comes with the end, and throws nothing.</summary>
    public static ConfiguredTaskAwaitable Ended(this Task task) => task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    /// <summary>A task that ends where its caller runs, if that is anywhere but the pool: a simulated house knows of all that it waits for.</summary>
    public static async Task Awaited(this ValueTask<bool> wait) => await wait;

    /// <inheritdoc cref="Awaited(ValueTask{bool})"/>
    public static async Task Awaited(this Task work) => await work;

    /// <summary>What it failed with; null: it did not fail.</summary>
    public static Exception? Failure(this Task task) => task.Exception?.InnerException;
}

using System.Runtime.InteropServices;

namespace Gateway.Native.Sbc;

/// <summary>Owns one <c>sbc_t</c> and what the library keeps behind it.</summary>
internal sealed unsafe class SbcHandle : SafeHandle
{
    public SbcHandle() : base(0, ownsHandle: true) =>
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(LibSbc.State)));

    public override bool IsInvalid => handle == 0;

    public LibSbc.State* State => (LibSbc.State*)handle;

    protected override bool ReleaseHandle()
    {
        // An instance that never was initialised has nothing to finish.
        if (State->PrivateAllocation != null) LibSbc.Finish(State);
        NativeMemory.Free((void*)handle);
        return true;
    }
}
